package buildkit_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// TestNamedOnlyFiles builds images beside files that only their names bring in: what changes in those builds nothing again and no key,
// unless it is named, and what a daemon gets is what the key is of.
func TestNamedOnlyFiles(t *testing.T) {
	for name, test := range map[string]struct {
		dockerfile, ignore string
		counts             bool   // the files are in the image
		remedy             string // of the refusal
	}{
		"everything":          {dockerfile: base + "COPY . /src\nRUN echo done\n"},
		"a mount":             {dockerfile: base + "RUN --mount=type=bind,target=/src echo done\n"},
		"everything but some": {dockerfile: base + "COPY . /src\nRUN echo done\n", ignore: "docker\n"},
		"by name":             {dockerfile: base + "COPY ci/x docker /src/\nRUN echo done\n", counts: true},
		"wanted":              {dockerfile: base + "COPY . /src\nCOPY ci/x /x\nRUN echo done\n", ignore: "!ci\n", counts: true},
		"both":                {dockerfile: base + "COPY . /src\nCOPY ci/x /x\n", remedy: "write !ci/x into .dockerignore"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.component("core", test.dockerfile).Platforms = []string{"linux/" + runtime.GOARCH}
			r.write("ci/x", "1")
			r.write("ci/y", "1")
			if test.ignore != "" {
				r.write(".dockerignore", test.ignore)
			}
			key := func() string {
				options := worktree.Options{Root: r.root, Hidden: []string{filepath.Join(r.root, ".astrago")}, NamedOnly: []string{"ci"}}
				tree, err := worktree.Open(t.Context(), options)
				if err != nil {
					t.Fatal(err)
				}
				o := identity.Options{Files: tree, Version: buildkit.KeyVersion, Epoch: r.plan.Created, Platform: "linux/" + runtime.GOARCH}
				if r.opts.Fingerprints, err = identity.Compute(t.Context(), r.plan.Images, o); err != nil {
					t.Fatal(err)
				}
				if unknown := r.opts.Fingerprints["core"].Unknown; unknown != "" && test.remedy == "" {
					t.Fatal(unknown)
				}
				r.opts.Files = tree
				return r.opts.Fingerprints["core"].Key
			}
			first := key()
			_, err := r.run()
			if test.remedy != "" {
				if p := problem.As(err); p == nil || !strings.Contains(p.Remedy, test.remedy) {
					t.Fatalf("it ends with %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r.write("ci/x", "2")
			second := key()
			img := r.must()[0]
			if (first != second) != test.counts || (img.CachedSteps != img.Steps) != test.counts {
				t.Errorf("keys %s and %s, %d of %d steps are cached", first, second, img.CachedSteps, img.Steps)
			}
		})
	}
}
