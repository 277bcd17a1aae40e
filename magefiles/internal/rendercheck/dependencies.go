package rendercheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// chartDependency is an entry of Chart.yaml or Chart.lock.
type chartDependency struct {
	Name       string `yaml:"name"`
	Repository string `yaml:"repository"`
}

// chartFiles are the files from which helm reads a chart's dependencies; those of requirements are helm 2's.
var chartFiles = []string{"Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock"}

// checkDependencies refuses charts that would pack a directory of this machine which is not in the repository, whatever
// renders them.
func (t *tree) checkDependencies() error {
	return fs.WalkDir(t.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains(chartFiles, entry.Name()) {
			return err
		}
		for _, d := range t.dependencies(name) {
			local, isLocal := strings.CutPrefix(d.Repository, "file://")
			if isLocal && (path.IsAbs(local) || !filepath.IsLocal(filepath.FromSlash(path.Join(path.Dir(name), local)))) {
				return problem.New(problem.Refused, "take the chart into the deployment repository, or name a repository of charts",
					"%s: the dependency %q is %s, which is not in the repository", name, d.Name, d.Repository)
			}
		}
		return nil
	})
}

// dependencies reads one of chartFiles; none where it is missing or no YAML, which the renderer will say.
func (t *tree) dependencies(name string) []chartDependency {
	data, err := fs.ReadFile(t.root.FS(), name)
	if err != nil {
		return nil
	}
	var file struct {
		Dependencies []chartDependency `yaml:"dependencies"`
	}
	if yaml.Unmarshal(data, &file) != nil {
		return nil
	}
	return file.Dependencies
}

// fetchDependencies gets what a chart depends on and does not have below charts/: exactly what its lock file names, from
// where that says.
func (c *Checker) fetchDependencies(ctx context.Context, chart string, t *tree) error {
	wanted := slices.Concat(t.dependencies(path.Join(chart, "Chart.yaml")), t.dependencies(path.Join(chart, "requirements.yaml")))
	if !slices.ContainsFunc(wanted, func(d chartDependency) bool { return !t.hasChart(chart, d.Name) }) {
		return nil
	}
	locked := slices.Concat(t.dependencies(path.Join(chart, "Chart.lock")), t.dependencies(path.Join(chart, "requirements.lock")))
	if len(locked) == 0 {
		return problem.New(problem.Refused,
			"run `helm dependency update "+chart+"` in the deployment repository, and commit Chart.lock or what it put below charts/",
			"%s depends on other charts, and has no Chart.lock that says which", chart)
	}
	var repositories []map[string]string
	for _, d := range locked {
		switch scheme, _, _ := strings.Cut(d.Repository, "://"); scheme {
		case "", "file", "oci":
		case "https":
			repositories = append(repositories, map[string]string{"name": fmt.Sprintf("locked-%d", len(repositories)), "url": d.Repository})
		default:
			return problem.New(problem.Refused, "name it by https:// or oci://, or commit the chart below charts/",
				"%s: Chart.lock takes %q from %q", chart, d.Name, d.Repository)
		}
	}
	config, err := json.Marshal(map[string]any{"apiVersion": "v1", "repositories": repositories}) // JSON is YAML
	if err != nil {
		return err
	}
	file := filepath.Join(t.scratch, "repositories.yaml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return fmt.Errorf("naming the repositories of %s: %w", chart, err)
	}
	_, err = c.runTool(ctx, t, "helm dependency build of "+chart, nil,
		c.tools[helm], "dependency", "build", filepath.Join(t.dir, filepath.FromSlash(chart)), "--repository-config", file)
	return err
}

// hasChart reports whether a chart has another below charts/, unpacked or packed.
func (t *tree) hasChart(chart, name string) bool {
	if _, err := t.root.Stat(path.Join(chart, "charts", name)); !errors.Is(err, fs.ErrNotExist) {
		return true
	}
	packed, err := fs.Glob(t.root.FS(), path.Join(chart, "charts", name+"-*.tgz"))
	return err == nil && len(packed) > 0
}
