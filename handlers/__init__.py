"""The chat edge: read an update, call one service, say the result. One module per feature."""
