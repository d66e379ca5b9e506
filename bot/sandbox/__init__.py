"""A Bot-API-compatible server and its web page: a group chat on this machine, no token needed."""
