"""What all services share: performing a move, entering it, signing it. One floor above the adapters."""
