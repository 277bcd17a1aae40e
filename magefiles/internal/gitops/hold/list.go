package hold

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// Put adds a hold or replaces the earlier one against the same build, whose author stays named. The others stay: a
// second rollback makes the build that the first one rejected no better, and thaws nothing that a person froze.
func Put(holds []Hold, h Hold) []Hold {
	i := slices.IndexFunc(holds, h.IsAbout)
	if i < 0 {
		return append(holds, h)
	}
	earlier := holds[i]
	if h.Reason == "" {
		h.Reason = earlier.Reason
	}
	if !earlier.isSame(h) {
		holds[i] = h
	}
	return holds
}

// Remaining are those holds that do not end.
func Remaining(holds, ended []Hold) []Hold {
	return slices.DeleteFunc(slices.Clone(holds), func(h Hold) bool { return slices.ContainsFunc(ended, h.IsAbout) })
}

// IsHeld reports whether a component has a hold.
func IsHeld(holds []Hold, name component.Name) bool {
	return slices.ContainsFunc(holds, func(h Hold) bool { return h.Component == name })
}
