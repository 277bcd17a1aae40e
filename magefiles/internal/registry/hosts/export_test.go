package hosts

// CannotRead is what tests cannot cause as root.
var CannotRead = cannotRead
