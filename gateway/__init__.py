"""The edge: whatever crosses a wire."""
