"""What the service knows; pure."""
