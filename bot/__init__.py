"""The application: what the service does, told without Telegram."""
