// Package inputs sums up what an image is built from, so that an image that exists is not built again: the files that git
// knows, the Dockerfile and the configuration, and the base images as they are at the time.
package inputs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// Inputs of one image.
type Inputs struct {
	Sources string   // sum of what the commit says, hexadecimal SHA-256
	Bases   []string // images that the Dockerfile names by tag, registry/path:tag, in order
	Unknown string   // why something that the image is built from cannot be summed up; empty where all can
	Machine string   // the platform, where it is this machine's because the commit names none; else empty
}

// Reader gives a file of the working tree by its path relative to the root; fs.ErrNotExist where there is none.
type Reader func(path string) ([]byte, error)

// Of sums up an image's inputs. Missing and broken files are no errors here: the build tells them better.
func Of(image plan.Image, prepare []string, tree source.Tree, read Reader) Inputs {
	c := collector{tree: tree, read: read}
	c.image(image)
	c.add("prepare", prepare...)
	slices.Sort(c.bases)
	in := Inputs{
		Sources: hex.EncodeToString(c.sum()),
		Bases:   slices.Compact(c.bases),
		Unknown: c.unknown,
	}
	if image.Assumed {
		in.Machine = strings.Join(image.Platforms, ",")
	}
	return in
}

// Repositories are those of Bases, each once: a registry that has them can lend their layers to the image.
func (in Inputs) Repositories() []string {
	var repositories []string
	for _, base := range in.Bases {
		if named, err := reference.ParseNormalizedNamed(base); err == nil {
			repositories = append(repositories, named.Name())
		}
	}
	return slices.Compact(repositories)
}

// Digest sums up everything, hexadecimal SHA-256; it is empty where the inputs are not known. frontend is the version of what
// this release of astrago-ci takes for reading Dockerfiles, whichever daemon does: they mean the same to all versions, and a
// Dockerfile that needs a certain one says so by # syntax, which is among Bases. bases gives what each of Bases is now.
func (in Inputs) Digest(frontend string, bases map[string]digest.Digest) string {
	if in.Unknown != "" {
		return ""
	}
	lines := []string{"inputs 1", in.Sources, "frontend " + frontend}
	if in.Machine != "" {
		lines = append(lines, "platform "+in.Machine)
	}
	for _, base := range in.Bases {
		if bases[base] == "" {
			return ""
		}
		lines = append(lines, "base "+base+"@"+bases[base].String())
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:])
}

// collector gathers what an image and those that it needs are built from.
type collector struct {
	tree    source.Tree
	read    Reader
	lines   []byte
	bases   []string
	unknown string // the first reason
}

func (c *collector) sum() []byte {
	sum := sha256.Sum256(bytes.TrimSuffix(c.lines, []byte("\n")))
	return sum[:]
}

// add notes values under a kind; quoting keeps one value from looking like two.
func (c *collector) add(kind string, values ...string) {
	for _, value := range values {
		c.lines = append(append(c.lines, kind...), ' ')
		c.lines = append(strconv.AppendQuote(c.lines, value), '\n')
	}
}

func (c *collector) pairs(kind string, pairs map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		c.add(kind, key+"="+pairs[key])
	}
}

func (c *collector) dontKnow(format string, args ...any) {
	if c.unknown == "" {
		c.unknown = fmt.Sprintf(format, args...)
	}
}

// image notes all of one image. Secrets, caches and attestations are left out: they are not what it is built from.
func (c *collector) image(image plan.Image) {
	c.add("component", image.Component)
	c.add("dockerfile", image.Dockerfile)
	c.add("target", image.Target)
	if !image.Assumed { // what the machine says is no source
		c.add("platform", image.Platforms...)
	}
	c.pairs("arg", image.Args)
	c.pairs("label", image.OwnLabels)
	c.dockerfile(image)
	if len(image.Inputs) > 0 {
		c.add("input", image.Inputs...)
		c.add("context directory", image.Context)
		c.ignoreFile(image.Dockerfile+ignoreSuffix, path.Join(image.Context, ignoreSuffix))
		c.matching(image.Inputs)
	} else {
		c.context(image.Context, c.ignored(image))
	}
	c.contexts(image.Contexts, len(image.Inputs) > 0)
	for _, need := range image.Needs {
		c.add("need", need.Component)
		c.image(need)
	}
}
