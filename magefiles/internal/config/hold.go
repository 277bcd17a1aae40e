package config

// Hold says what ends the hold that a rollback puts on an environment.
type Hold struct {
	Until HoldUntil
}

// HoldUntil is what ends a hold. A person may always end it with `mage hold -lift`.
type HoldUntil string

// The ends.
const (
	HoldUntilNewer HoldUntil = "newer" // a build that descends from the rejected one
	HoldUntilLift  HoldUntil = "lift"  // nothing but a person
)

func (d *decoder) hold(v value) Hold {
	var h Hold
	d.mapping(v.Node, v, required("until", "`newer`: a build that descends from the rejected one ends the hold; `lift`: nothing but `mage hold -lift`.",
		choice(d, &h.Until, HoldUntilNewer, HoldUntilLift)))
	return h
}
