package world

import "runtime/debug"

// stack is where the panic that is being recovered came from.
func stack() []byte { return debug.Stack() }
