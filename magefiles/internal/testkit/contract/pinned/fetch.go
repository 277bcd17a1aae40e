package pinned

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// Fetch brings what is missing into the store, saying so first. A package appears when it is whole and verified; two
// processes that fetch at once do not disturb each other. npm is installed where it is missing.
func (s Store) Fetch(ctx context.Context, say toolchain.Say) error {
	fetches := []struct {
		have bool
		what string
		dir  string
		into func(ctx context.Context, dir string) error
	}{
		{
			exists(s.OpenAPI()), "GitHub's OpenAPI description (@octokit/openapi " + openAPIVersion + ")", filepath.Dir(s.OpenAPI()),
			fetchOpenAPI,
		},
		{
			exists(s.GraphQL()), "GitHub's GraphQL schema (@octokit/graphql-schema " + graphQLVersion + ")", filepath.Dir(s.GraphQL()),
			fetchGraphQL,
		},
		{s.HasAxe(), "axe-core " + axeVersion, filepath.Dir(s.Axe()), fetchAxe},
		{s.HasEmulate() || !EmulateRuns(), "emulate " + emulateVersion + " and its Node.js", s.Emulate(), installEmulate},
	}
	for _, f := range fetches {
		if f.have {
			continue
		}
		if err := requireNPM(ctx, say); err != nil {
			return err
		}
		say("fetching %s from npm, once", f.what)
		if err := s.place(ctx, f.dir, f.into); err != nil {
			return fmt.Errorf("fetching %s: %w", f.what, err)
		}
	}
	return nil
}

func requireNPM(ctx context.Context, say toolchain.Say) error {
	if _, err := exec.LookPath("npm"); err == nil {
		return nil
	}
	return toolchain.Apt(ctx, say, "", "npm")
}

// place fills a directory beside its final place and gives it its name in one step.
func (s Store) place(ctx context.Context, dir string, fill func(ctx context.Context, dir string) error) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("creating the cache: %w", err)
	}
	partial, err := os.MkdirTemp(s.dir, ".partial-")
	if err != nil {
		return fmt.Errorf("creating the cache: %w", err)
	}
	defer os.RemoveAll(partial)
	whole := filepath.Join(partial, "whole")
	if err := os.Mkdir(whole, 0o755); err != nil {
		return fmt.Errorf("creating the cache: %w", err)
	}
	if err := fill(ctx, whole); err != nil {
		return err
	}
	// What has the name is of another recipe, or of another process that was faster: either way this is as good.
	if err := os.Rename(dir, filepath.Join(partial, "old")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replacing the old: %w", err)
	}
	if err := os.Rename(whole, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keeping the new: %w", err)
	}
	return nil
}
