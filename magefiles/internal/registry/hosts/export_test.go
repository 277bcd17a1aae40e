package hosts

// CannotRead returns the read error that tests cannot cause as root.
var CannotRead = cannotRead
