"""A made-up 2025, told through the product's own services. Every figure in it is an example (示例数据)."""
