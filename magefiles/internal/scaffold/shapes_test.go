package scaffold_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// shape reads a repository from an archive of text: its branches, then its files.
func shape(t *testing.T, path string) scaffold.Facts {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files, branches, name := map[string]string{}, []string(nil), ""
	for line := range strings.Lines(string(data)) {
		if begin, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(begin, " --\n") {
			name = strings.TrimSuffix(begin, " --\n")
			files[name] = ""
			continue
		}
		if names, ok := strings.CutPrefix(line, "branches: "); ok && name == "" {
			branches = strings.Split(strings.TrimSpace(names), ", ")
			continue
		}
		files[name] += line
	}
	baked := scaffold.Bake{JSON: []byte(files[printed])}
	delete(files, printed)
	f := repository("shop", files, branches...)
	f.Bake = baked
	return f
}

// printed is the name under which an archive has what Docker Buildx makes of its Bake files.
const printed = "printed by bake"

// TestShapes holds what init writes for repositories of each kind that people have, beside what they say themselves.
func TestShapes(t *testing.T) {
	paths, err := filepath.Glob("testdata/shapes/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			layout, err := scaffold.Detect(shape(t, path), "")
			if err != nil {
				t.Fatal(err)
			}
			got, golden := layout.Configuration(), strings.TrimSuffix(path, ".txtar")+".yaml"
			for _, c := range layout.Conflicts {
				got += "# " + c.Workflow + " " + c.Does + ": " + c.Remedy + "\n"
			}
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || string(want) != got {
				t.Errorf("%v, got\n%s", err, got)
			}
			if _, err := config.Parse(golden, []byte(got)); err != nil {
				for line := range strings.SplitSeq(problem.As(err).Error(), "\n") {
					if strings.HasPrefix(line, golden+":") && !strings.Contains(line, "still to be filled in") {
						t.Errorf("it does not parse: %s", line)
					}
				}
			}
		})
	}
}
