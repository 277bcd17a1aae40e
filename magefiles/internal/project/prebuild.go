package project

import (
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
)

// Prebuild compiles the targets that a release carries into .astrago/targets, for every platform, with their sums.
func Prebuild(ctx context.Context) error {
	c, err := openCheckout()
	if err != nil {
		return err
	}
	set, err := c.prebuild(ctx)
	if err == nil {
		fmt.Fprint(os.Stdout, set.String())
	}
	return err
}

func (c checkout) prebuild(ctx context.Context) (prebuilt.Set, error) {
	left, err := output.In(c.dir)
	if err != nil {
		return prebuilt.Set{}, err
	}
	dir, err := left.Sub("targets")
	if err != nil {
		return prebuilt.Set{}, err
	}
	return prebuilt.Build(ctx, prebuilt.Options{
		Sources: c.dir, Dir: dir.Path(), From: releasesURL(), GoVersion: astragoci.GoVersion(),
		Platforms: prebuilt.Platforms(), Level: gzip.BestCompression, Say: c.say,
	})
}

// prebuiltOr returns what a step before has compiled of this content, which may be attested already, or else compiles it.
func (c checkout) prebuiltOr(ctx context.Context, content string) (prebuilt.Set, error) {
	left, err := output.In(c.dir)
	if err != nil {
		return prebuilt.Set{}, err
	}
	set, err := prebuilt.Open(filepath.Join(left.Path(), "targets"))
	if err == nil && set.Content == content && set.From == releasesURL() && len(set.Programs) == len(prebuilt.Platforms()) {
		return set, nil
	}
	return c.prebuild(ctx)
}

// releasesURL is the address below which this repository's releases are.
func releasesURL() string {
	env := os.Getenv //nolint:forbidigo // these chores are no part of what consumers run
	return cmp.Or(env("GITHUB_SERVER_URL"), "https://github.com") + "/" + cmp.Or(env("GITHUB_REPOSITORY"), "xiilab/astrago-ci") +
		"/releases/download"
}

// releasedTargets are those of the commit that is checked out: a file that it does not have would be in their content.
func (c checkout) releasedTargets(ctx context.Context) (*publish.Targets, error) {
	changed, err := procgroup.Git(ctx, c.dir, "status", "--porcelain").Output()
	if err != nil {
		return nil, fmt.Errorf("looking for changed files: %w", err)
	}
	if len(changed) > 0 {
		return nil, problem.New(problem.Refused, "commit them, or remove them", "publishing: files differ from the commit:\n%s", changed)
	}
	content, err := prebuilt.Content(ctx, c.dir)
	if err != nil {
		return nil, err
	}
	build := sync.OnceValues(func() (prebuilt.Set, error) { return c.prebuiltOr(ctx, content) })
	return &publish.Targets{Content: content, Build: func(context.Context) (prebuilt.Set, error) { return build() }}, nil
}

// uploadsURL returns the address to which a GitHub takes the files of releases, from that of its API.
func uploadsURL(api string) string {
	if host, ok := strings.CutPrefix(api, "https://api."); ok {
		return "https://uploads." + host
	}
	return strings.TrimSuffix(api, "/v3") + "/uploads"
}
