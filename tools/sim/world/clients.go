package world

// client takes what the network brings from a client's link.
func (l *life) client(d Delivery) {}
