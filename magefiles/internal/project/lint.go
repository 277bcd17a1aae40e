package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/script"
)

// newerThanActionlint is actionlint's message about a key that GitHub has accepted since May 2026 and no version of actionlint knows.
const newerThanActionlint = `unexpected key "queue" for "concurrency" section`

// Lint checks everything that is not a test: formatting and rules (golangci-lint, with those of go vet), tidy modules, workflows
// (actionlint, which gives their steps to shellcheck), scripts and the steps of actions (shellcheck), and the types of the
// targets on every platform. It reports all that it finds.
func Lint(ctx context.Context) error {
	c, err := openCheckout()
	if err != nil {
		return err
	}
	steps, err := os.MkdirTemp("", "steps")
	if err != nil {
		return fmt.Errorf("creating a directory for the steps: %w", err)
	}
	defer os.RemoveAll(steps)
	checks, err := c.lintCommands(ctx, steps)
	if err != nil {
		return err
	}
	var errs []error
	for _, check := range checks {
		errs = append(errs, c.run(ctx, nil, check...))
	}
	return errors.Join(append(errs, c.checkPlatforms(ctx, targetsPackage))...)
}

// lintCommands returns the commands that check, with the tools that they need compiled. The steps of actions are written into a
// directory, as scripts.
func (c checkout) lintCommands(ctx context.Context, steps string) ([][]string, error) {
	if err := c.requirePackages(ctx, map[string]string{"shellcheck": "shellcheck"}); err != nil {
		return nil, err
	}
	golangci, err := c.compileTool(ctx, "golangci-lint", "github.com/golangci/golangci-lint/v2/cmd/golangci-lint")
	if err != nil {
		return nil, err
	}
	actionlint, err := c.compileTool(ctx, "actionlint", "github.com/rhysd/actionlint/cmd/actionlint")
	if err != nil {
		return nil, err
	}
	tags, err := script.Tags(c.dir)
	if err != nil {
		return nil, err
	}
	scripts, err := c.shellScripts(ctx)
	if err != nil {
		return nil, err
	}
	inActions, err := c.actionSteps(steps)
	if err != nil {
		return nil, err
	}
	return [][]string{
		{"go", "mod", "tidy", "-diff"},
		{golangci, "run", "--build-tags", "mage," + strings.TrimPrefix(tags, "-tags="), "./..."},
		append([]string{actionlint, "-ignore", newerThanActionlint},
			c.findFiles(".github/workflows/*.yml", "templates/*/.github/workflows/*.yml")...),
		append([]string{"shellcheck"}, append(scripts, inActions...)...),
	}, nil
}

func (c checkout) findFiles(patterns ...string) []string {
	var found []string
	for _, pattern := range patterns {
		matches, err := filepath.Glob(filepath.Join(c.dir, pattern))
		if err != nil {
			continue // the patterns are constants
		}
		found = append(found, matches...)
	}
	return found
}
