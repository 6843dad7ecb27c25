"""Audio: any usual file in, measured and mended; blobs by the hash of their content."""
