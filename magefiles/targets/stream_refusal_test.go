package targets_test

import (
	"slices"
	"strings"
)

// What a refusal says, by its reason.
const (
	ofAnother = "belongs to "
	isHeld    = " is held "
	isOlder   = "a newer build is deployed"
	isUnknown = "it cannot be compared with "
	isPart    = "it is the value of "
	noImage   = "the registry has no such image"
	noState   = "looking for "
	movedOn   = "something else was deployed meanwhile"
)

const refusal = "refused: "

// refuse is the verdict of the model where any of some guards may be the one that refuses.
func refuse(reasons ...string) verdict { return verdict(refusal + strings.Join(reasons, "|")) }

// isSaid reports whether a process was refused for a reason of the verdict.
func (v verdict) isSaid(by string) bool {
	reasons, ok := strings.CutPrefix(string(v), refusal)
	return ok && slices.ContainsFunc(strings.Split(reasons, "|"), func(reason string) bool { return strings.Contains(by, reason) })
}
