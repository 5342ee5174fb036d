"""From what was seen to its explanation: the catalogue, pasted text, evidence and verdicts."""
