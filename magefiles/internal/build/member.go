package build

import (
	"runtime"
	"slices"

	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// member is a daemon of the pool.
type member struct {
	*Connection
	slots chan struct{}

	dead bool // guarded by the pool
	load int  // components that it was given; guarded by the pool
}

// fewest is how many builds a daemon with few CPUs takes at once: each also waits for files, a network and a disk. Three
// components of 2,000 files take 5 to 15 % less time on two CPUs when the third need not wait.
const fewest = 4

// room is how many builds a daemon takes at once.
func room(c *Connection, parallel int) int {
	switch {
	case parallel > 0:
		return parallel
	case c.CPUs > 0:
		return max(fewest, c.CPUs)
	}
	return max(fewest, runtime.NumCPU()) // one on another machine that has no such label; BuildKit reports it in no other way
}

// native is the platform of the daemon's machine, as os/arch.
func (m *member) native() string {
	if len(m.Platforms) == 0 {
		return ""
	}
	return machine(m.Platforms[0])
}

// runs reports whether the daemon runs programs of a platform, natively or not.
func (m *member) runs(platform string) bool {
	return slices.ContainsFunc(m.Platforms, func(p ocispec.Platform) bool { return machine(p) == platform })
}

// own is the platform of the daemon's machine, as a request names it; nil where the daemon does not report it.
func (m *member) own() []string {
	if len(m.Platforms) == 0 {
		return nil
	}
	return []string{platforms.Format(platforms.Normalize(m.Platforms[0]))}
}

// machine leaves out the variant: what decides is which programs run.
func machine(p ocispec.Platform) string {
	p = platforms.Normalize(p)
	return p.OS + "/" + p.Architecture
}

// parts divides an image's platforms by the daemons that build them best. Where all daemons are alike, that is all of
// them at once. Every request names its platforms, so that a daemon of another kind which takes it over builds the same.
func (p *pool) parts(img plan.Image) (parts [][]string) {
	kinds := map[string]int{} // index of the part by candidates
	for _, platform := range img.Platforms {
		kind := p.kind(platform)
		i, ok := kinds[kind]
		if !ok {
			i = len(parts)
			kinds[kind] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], platform)
	}
	if parts == nil {
		parts = [][]string{p.members[0].own()}
	}
	return parts
}

// kind is the machine that builds a platform: its own where there is such a daemon, else one that emulates it, else that
// of the first daemon, which can still build what needs no steps of that platform.
func (p *pool) kind(platform string) string {
	own := p.members[0].native()
	parsed, err := platforms.Parse(platform)
	if err != nil {
		return own // BuildKit explains it
	}
	wanted := machine(parsed)
	if slices.ContainsFunc(p.members, func(m *member) bool { return m.native() == wanted }) {
		return wanted
	}
	if i := slices.IndexFunc(p.members, func(m *member) bool { return m.runs(wanted) }); i >= 0 {
		return p.members[i].native()
	}
	return own
}

// candidates are the living members that build platforms: of their kind those that run all of them, if there are any; when
// none of their kind lives, those that emulate it.
func (p *pool) candidates(requested []string) []*member {
	kind := p.members[0].native()
	if len(requested) > 0 {
		kind = p.kind(requested[0])
	}
	own := p.living(func(m *member) bool { return m.native() == kind })
	able := slices.DeleteFunc(slices.Clone(own), func(m *member) bool {
		return slices.ContainsFunc(requested, func(platform string) bool {
			parsed, err := platforms.Parse(platform)
			return err == nil && !m.runs(machine(parsed))
		})
	})
	switch {
	case len(able) > 0:
		return able
	case len(own) > 0:
		return own
	}
	return p.living(func(m *member) bool { return m.runs(kind) })
}

func (p *pool) living(fits func(*member) bool) (members []*member) {
	for _, m := range p.members {
		if !m.dead && fits(m) {
			members = append(members, m)
		}
	}
	return members
}
