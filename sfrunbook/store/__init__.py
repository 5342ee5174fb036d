"""What is stored on disk: connections, grants, secrets, progress and history."""
