package doctor

import (
	"context"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
)

// checkWorkflow looks for the workflow that releases, whether it calls the version of the submodule, and whether GitHub shows its
// button.
func (d *doctorRun) checkWorkflow(ctx context.Context) doctor.Finding {
	if d.rootErr != nil {
		return skipFinding("needs the repository")
	}
	root := d.env.Project.Root
	found, err := releaseWorkflows(root)
	switch {
	case err != nil:
		return failFinding(err)
	case len(found) == 0:
		if _, err := submodule.Find(ctx, root); err != nil {
			return skipFinding("no workflow releases, and the targets are no submodule of this repository")
		}
		return warnFinding("write one: "+scriptCommand(d, "init"), "no workflow of .github/workflows releases: only people do")
	}
	if f, skewed := versionSkew(ctx, root, found); skewed {
		return f
	}
	return d.defaultBranchFinding(ctx, found)
}

// releaseWorkflows are the workflows that use astrago-ci, by their paths from the root, with their content.
func releaseWorkflows(root string) (map[string][]byte, error) {
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.y*ml"))
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err == nil && scaffold.UsesTargets(string(data)) {
			found[path.Join(".github/workflows", filepath.Base(file))] = data
		}
	}
	return found, nil
}

// versionSkew finds a workflow that calls another version than the one that is checked out: inputs and flags may not fit together.
func versionSkew(ctx context.Context, root string, workflows map[string][]byte) (doctor.Finding, bool) {
	ci, err := submodule.Current(ctx, root)
	if err != nil { // a plain copy has no version
		return doctor.Finding{}, false
	}
	for _, name := range slices.Sorted(maps.Keys(workflows)) {
		data := workflows[name]
		for _, ref := range submodule.Called(data) {
			if ref != string(ci.Commit) && ref != ci.Version {
				return warnFinding("write @"+string(ci.Commit)+" # "+ci.Version+" there, or move the submodule",
					"%s calls %s, the submodule is at %s", name, ref, ci.Version), true
			}
		}
	}
	return doctor.Finding{}, false
}

// defaultBranchFinding looks for the workflows where GitHub takes the button *Run workflow* from, as of the last fetch.
func (d *doctorRun) defaultBranchFinding(ctx context.Context, workflows map[string][]byte) doctor.Finding {
	root, names := d.env.Project.Root, ""
	branch, err := git.DefaultBranch(ctx, root)
	for _, name := range slices.Sorted(maps.Keys(workflows)) {
		data := workflows[name]
		names = strings.TrimPrefix(names+", "+name, ", ")
		if err != nil || branch == "" || !strings.Contains(string(data), "workflow_dispatch") ||
			d.env.Project.Commit.Branch == branch {
			continue
		}
		if there, err := git.OnBranch(ctx, root, branch, name); err == nil && !there {
			return warnFinding("bring it to "+branch+", too", "%s is not on %s: GitHub shows no button to run it by hand", name, branch)
		}
	}
	return okFinding("%s", names)
}

// scriptCommand is a command of the targets as people of this repository type it.
func scriptCommand(d *doctorRun, target string) string {
	return "./" + cli.SubmodulePath(d.env.Vars, d.env.Project.Root) + "/scripts/mage " + target
}
