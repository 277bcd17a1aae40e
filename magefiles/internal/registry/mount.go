package registry

import (
	"net"

	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// sourceAnnotation is where containerd looks for repositories of the same registry to mount a blob from, followed by the
// registry's name without its port.
const sourceAnnotation = "containerd.io/distribution.source."

// addSources reads the repositories that may have a target's layers, and keeps those that can be mounted from: in the same
// registry, and not the target's own.
func (t *target) addSources() error {
	for _, source := range t.Sources {
		r, err := parse(source)
		if err != nil {
			return err
		}
		if r.tag != "" || r.digest != "" {
			return problem.New(problem.Usage, "give the repository alone: host/owner/name", "pushing %q: %q names an image", t.ref, source)
		}
		if r.host == t.ref.host && r.path != t.ref.path {
			t.sources = append(t.sources, r.path)
		}
	}
	return nil
}

// shareBlobs makes the first repository of a registry that needs a blob the one that the others mount it from. What no
// other image of this push has may be in one of the image's sources.
func (p *push) shareBlobs() {
	type place struct {
		host   string
		digest digest.Digest
	}
	first := map[place]*item{}
	for _, i := range p.contents {
		if i.level > 0 {
			continue // a manifest cannot be mounted
		}
		at := place{i.owner.ref.host, i.desc.Digest}
		switch leader := first[at]; {
		case leader == nil:
			first[at] = i
			if len(i.owner.sources) > 0 {
				i.from = i.owner.sources[0]
			}
		default:
			i.from, i.follows = leader.owner.ref.path, true
		}
	}
}

// offer is a descriptor as containerd is to push it: with the repository to mount it from, and without what the image's
// own author wrote there.
func offer(desc ocispec.Descriptor, r ref, from string) ocispec.Descriptor {
	plain := ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}
	if from == "" {
		return plain
	}
	name, _, err := net.SplitHostPort(r.host)
	if err != nil {
		name = r.host
	}
	plain.Annotations = map[string]string{sourceAnnotation + name: from}
	return plain
}
