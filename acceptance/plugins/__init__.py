"""Installed plug-ins to the answers of their measures, each in a process of its own; none is imported here."""
