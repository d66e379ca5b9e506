"""The playbook language."""
