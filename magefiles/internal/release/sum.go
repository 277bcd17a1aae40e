package release

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// baseTime is how long the registries of base images may take in all: whoever does not answer costs a build, not a release.
const baseTime = 20 * time.Second

// errSlowBase is why a base image is not known after that.
var errSlowBase = errors.New("its registry did not answer in time")

// summed is what an image is built from.
type summed struct {
	inputs.Inputs
	digest string // of all inputs; empty where they are not known
	why    string // they are not known
}

// sum gives the inputs of images by component. Files are read from git, and each base image is looked up once.
func (s *session) sum(ctx context.Context, images []plan.Image) (map[string]summed, error) {
	tree, err := source.ReadTree(ctx, s.plan.Commit)
	if err != nil {
		return nil, err
	}
	sums := map[string]summed{}
	var bases []string
	for _, image := range images {
		in := s.inputs(image, tree)
		sums[image.Component] = summed{Inputs: in, why: in.Unknown}
		bases = append(bases, in.Bases...)
	}
	found, missing := s.bases(ctx, bases)
	for component, in := range sums {
		in.digest = in.Digest(build.DaemonVersion, found)
		for _, base := range in.Bases {
			if reason, lacks := missing[base]; lacks && in.why == "" {
				in.why = fmt.Sprintf("looking up its base image %s: %s", base, reason)
			}
		}
		sums[component] = in
	}
	return sums, context.Cause(ctx)
}

func (s *session) inputs(image plan.Image, tree source.Tree) inputs.Inputs {
	return inputs.Of(image, s.plan.Prepare.Run, tree, s.readFile)
}

// readFile reads a file of the working tree by its path from the root.
func (s *session) readFile(path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(s.plan.Commit.Root, filepath.FromSlash(path)))
}

// bases resolves base images, as far as that is possible, and says why the others could not be.
func (s *session) bases(ctx context.Context, names []string) (found map[string]digest.Digest, missing map[string]string) {
	ctx, cancel := context.WithTimeoutCause(ctx, baseTime, errSlowBase)
	defer cancel()
	found, missing = map[string]digest.Digest{}, map[string]string{}
	client := registry.New(registry.Options{Keychain: s.keychain()}) // without asking for the right to push to them
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(lookups)
	for _, name := range unique(names) {
		group.Go(func() error {
			desc, err := client.Resolve(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			if found[name] = desc.Digest; err != nil {
				missing[name] = brief(err)
			}
			return nil
		})
	}
	_ = group.Wait() // what is not found is no failure
	return found, missing
}

// brief is an error's first line without its remedy.
func brief(err error) string {
	text := err.Error()
	if p := problem.As(err); p != nil {
		text = p.Err.Error()
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func unique(names []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] {
			list = append(list, name)
		}
		seen[name] = true
	}
	return list
}
