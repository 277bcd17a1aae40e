package pool

import (
	"runtime"
	"slices"

	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Member is a daemon of the pool.
type Member struct {
	*daemon.Connection
	slots chan struct{}

	dead bool // guarded by the pool
	load int  // components that it was given; guarded by the pool
}

// minSlots is the number of concurrent builds on a daemon with few CPUs: each build also waits for files, a network and a disk. Three
// components of 2,000 files take 5 to 15 % less time on two CPUs when the third need not wait.
const minSlots = 4

// buildSlots returns the number of concurrent builds on a daemon.
func buildSlots(c *daemon.Connection, parallel int) int {
	switch {
	case parallel > 0:
		return parallel
	case c.CPUs > 0:
		return max(minSlots, c.CPUs)
	}
	return max(minSlots, runtime.NumCPU()) // one on another machine that has no such label; BuildKit reports it in no other way
}

// NativeMachine is the platform of the daemon's machine, as os/arch.
func (m *Member) NativeMachine() string {
	if len(m.Platforms) == 0 {
		return ""
	}
	return machineOf(m.Platforms[0])
}

// canRun reports whether the daemon runs programs of a platform, natively or not.
func (m *Member) canRun(platform string) bool {
	return slices.ContainsFunc(m.Platforms, func(p ocispec.Platform) bool { return machineOf(p) == platform })
}

// ownPlatforms is the platform of the daemon's machine, as a request names it; nil where the daemon does not report it.
func (m *Member) ownPlatforms() []string {
	if len(m.Platforms) == 0 {
		return nil
	}
	return []string{platforms.Format(platforms.Normalize(m.Platforms[0]))}
}

// machineOf leaves out the variant: what decides is which programs run.
func machineOf(p ocispec.Platform) string {
	p = platforms.Normalize(p)
	return p.OS + "/" + p.Architecture
}

// Parts divides an image's platforms by the daemons that build them best. Where all daemons are alike, that is all of
// them at once. Every request names its platforms, so that a daemon of another kind which takes it over builds the same.
func (p *Pool) Parts(img plan.Image) (parts [][]string) {
	kinds := map[string]int{} // index of the part by candidates
	for _, platform := range img.Platforms {
		kind := p.machineFor(platform)
		i, ok := kinds[kind]
		if !ok {
			i = len(parts)
			kinds[kind] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], platform)
	}
	if parts == nil {
		parts = [][]string{p.members[0].ownPlatforms()}
	}
	return parts
}

// machineFor is the machine that builds a platform: its own where there is such a daemon, else one that emulates it, else that
// of the first daemon, which can still build what needs no steps of that platform.
func (p *Pool) machineFor(platform string) string {
	own := p.members[0].NativeMachine()
	parsed, err := platforms.Parse(platform)
	if err != nil {
		return own // BuildKit explains it
	}
	wanted := machineOf(parsed)
	if slices.ContainsFunc(p.members, func(m *Member) bool { return m.NativeMachine() == wanted }) {
		return wanted
	}
	if i := slices.IndexFunc(p.members, func(m *Member) bool { return m.canRun(wanted) }); i >= 0 {
		return p.members[i].NativeMachine()
	}
	return own
}

// candidatesFor are the living members that build platforms: of their kind those that run all of them, if there are any; when
// none of their kind lives, those that emulate it.
func (p *Pool) candidatesFor(requested []string) []*Member {
	kind := p.members[0].NativeMachine()
	if len(requested) > 0 {
		kind = p.machineFor(requested[0])
	}
	own := p.livingMembers(func(m *Member) bool { return m.NativeMachine() == kind })
	able := slices.DeleteFunc(slices.Clone(own), func(m *Member) bool {
		return slices.ContainsFunc(requested, func(platform string) bool {
			parsed, err := platforms.Parse(platform)
			return err == nil && !m.canRun(machineOf(parsed))
		})
	})
	switch {
	case len(able) > 0:
		return able
	case len(own) > 0:
		return own
	}
	return p.livingMembers(func(m *Member) bool { return m.canRun(kind) })
}

func (p *Pool) livingMembers(fits func(*Member) bool) (members []*Member) {
	for _, m := range p.members {
		if !m.dead && fits(m) {
			members = append(members, m)
		}
	}
	return members
}
