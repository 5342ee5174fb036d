"""The summary of a connection: what is connected, as whom, what is verified, and the next steps of each."""
