package submodule

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// workflowsDir is GitHub's directory of workflows.
const workflowsDir = ".github/workflows"

// calledWorkflow finds the version of a workflow of astrago-ci that another one calls, with the comment behind it. The owner may
// be another: forks are used too. It finds a commit within the text of a workflow, where commitid.Parse takes the id alone; a branch may
// have the name of an abbreviated one.
var calledWorkflow = regexp.MustCompile(`(uses:\s*[A-Za-z0-9_.-]+/astrago-ci/\.github/workflows/[A-Za-z0-9_.-]+@)` +
	`(?:v[0-9][A-Za-z0-9_.-]*|[0-9a-f]{40})` +
	`(?:[ \t]*#[ \t]*(?:v[0-9][A-Za-z0-9_.-]*(?:,?[ \t]+|\b))?([^\r\n]*))?`)

// Called are the commits or versions of astrago-ci that a workflow calls workflows of. Those that call a branch are left out.
func Called(workflow []byte) (refs []string) {
	for _, match := range calledWorkflow.FindAllSubmatchIndex(workflow, -1) {
		ref := string(workflow[match[3]:match[1]])
		if end := strings.IndexAny(ref, " \t#"); end >= 0 {
			ref = ref[:end]
		}
		refs = append(refs, ref)
	}
	return refs
}

// Release is a commit of astrago-ci.
type Release struct {
	Commit  commitid.ID // whole
	Version string      // the tag of it, such as v1.2.3; its commit where it has none
}

// Rewrite lets a workflow call those of another release, by its commit: a tag can be moved, and what is called gets every secret.
// The version stands beside it, for people and for tools that renew it. What calls a branch keeps to it.
func Rewrite(workflow []byte, r Release) []byte {
	return calledWorkflow.ReplaceAllFunc(workflow, func(found []byte) []byte {
		match := calledWorkflow.FindSubmatch(found)
		pinned, rest := string(match[1])+string(r.Commit), strings.TrimSpace(string(match[2]))
		var comment []string
		for _, part := range []string{r.Version, rest} {
			if part != "" && part != string(r.Commit) {
				comment = append(comment, part)
			}
		}
		if len(comment) == 0 {
			return []byte(pinned)
		}
		return []byte(pinned + " # " + strings.Join(comment, ", "))
	})
}

// Current is the release that is checked out as the submodule of the application repository at root.
func Current(ctx context.Context, root string) (Release, error) {
	path, err := Find(ctx, root)
	if err != nil {
		return Release{}, err
	}
	dir := filepath.Join(root, filepath.FromSlash(path))
	id, err := git.CommitOf(ctx, dir, "HEAD")
	if err != nil {
		return Release{}, err
	}
	return Release{Commit: id, Version: versionName(ctx, dir, id)}, nil
}

// rewriteWorkflows does so on disk, and gives the files that it has changed.
func rewriteWorkflows(root string, r Release) (changed []string, err error) {
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(workflowsDir), "*.y*ml"))
	if err != nil {
		return nil, fmt.Errorf("finding the workflows: %w", err)
	}
	for _, file := range found {
		before, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a workflow: %w", err)
		}
		after := Rewrite(before, r)
		if bytes.Equal(before, after) {
			continue
		}
		if err := os.WriteFile(file, after, 0o644); err != nil {
			return nil, fmt.Errorf("writing a workflow: %w", err)
		}
		changed = append(changed, workflowsDir+"/"+filepath.Base(file))
	}
	return changed, nil
}
