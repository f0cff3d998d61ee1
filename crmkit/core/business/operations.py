OPERATIONS: list[object] = []
