"""Service levels: clocks as a fold over what happened to a case, policies, escalation, and the tick behind them."""
