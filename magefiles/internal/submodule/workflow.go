package submodule

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// workflows is where GitHub looks for them.
const workflows = ".github/workflows"

// called finds the version of a workflow of astrago-ci that another one calls. The owner may be another: forks are used too.
var called = regexp.MustCompile(`(uses:\s*[A-Za-z0-9_.-]+/astrago-ci/\.github/workflows/[A-Za-z0-9_.-]+@)(v[0-9][A-Za-z0-9_.-]*|[0-9a-f]{40})`)

// Rewrite lets a workflow call those of another version. What calls a branch keeps to it.
func Rewrite(workflow []byte, version string) []byte {
	return called.ReplaceAll(workflow, []byte("${1}"+version))
}

// rewrite does so on disk, and gives the files that it has changed.
func rewrite(root, version string) (changed []string, err error) {
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(workflows), "*.y*ml"))
	if err != nil {
		return nil, fmt.Errorf("finding the workflows: %w", err)
	}
	for _, file := range found {
		before, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a workflow: %w", err)
		}
		after := Rewrite(before, version)
		if bytes.Equal(before, after) {
			continue
		}
		if err := os.WriteFile(file, after, 0o644); err != nil {
			return nil, fmt.Errorf("writing a workflow: %w", err)
		}
		changed = append(changed, workflows+"/"+filepath.Base(file))
	}
	return changed, nil
}
