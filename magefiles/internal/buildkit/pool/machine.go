package pool

import (
	"slices"
	"strings"

	"github.com/containerd/platforms"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// RequireNative refuses to guess: an image for which the configuration names no platform is for the machine that runs the command, so that
// its inputs are known without asking a daemon. Where no daemon is of that kind, it is unknown whether the machine or the daemons are
// meant.
func (p *Pool) RequireNative(images []plan.Image) error {
	for _, img := range images {
		if !img.Assumed {
			continue
		}
		var kinds []string
		for _, m := range p.members {
			kinds = append(kinds, m.NativeMachine())
		}
		if slices.ContainsFunc(img.Platforms, func(name string) bool { return !slices.Contains(kinds, machineNamed(name)) }) {
			slices.Sort(kinds)
			kinds = slices.Compact(kinds)
			return problem.New(problem.Usage,
				"name what is meant in that component's entry in astrago.yaml: platforms: ["+strings.Join(kinds, ", ")+"]",
				"building %q: astrago.yaml names no platforms for it, and this machine is %s while BuildKit is on %s",
				img.Component, strings.Join(img.Platforms, ", "), strings.Join(kinds, ", "))
		}
	}
	return nil
}

// machineNamed is the machine that a platform's name asks for.
func machineNamed(name string) string {
	p, err := platforms.Parse(name)
	if err != nil {
		return name
	}
	return machineOf(p)
}
