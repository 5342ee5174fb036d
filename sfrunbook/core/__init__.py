"""What every other room uses: the frozen records, errors, HTTP, secrets and plain helpers."""
