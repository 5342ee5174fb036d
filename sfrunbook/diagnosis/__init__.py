"""From a failure to its explanation: the catalogue, pasted text, evidence and verdicts."""
