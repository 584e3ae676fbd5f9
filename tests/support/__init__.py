"""What tests stand on: a server, databases, a client that checks each page."""
