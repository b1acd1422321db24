"""Customer accounts become Microsoft tenants: asked for once, written down step by step."""
