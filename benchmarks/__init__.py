"""Speed and size, each as a ratio against a peer in the same run: `make bench`."""
