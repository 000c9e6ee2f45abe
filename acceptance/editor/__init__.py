"""What an editor asks about a contract to answers in the Language Server Protocol."""
