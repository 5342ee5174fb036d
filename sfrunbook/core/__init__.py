"""What every other room stands on: the frozen records, errors, HTTP, secrets and plain helpers."""
