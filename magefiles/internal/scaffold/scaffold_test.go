package scaffold_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

var update = flag.Bool("update", false, "write the golden files")

// repository is one of acme's with these files, the submodule and a branch.
func repository(name string, files map[string]string, branches ...string) scaffold.Facts {
	tree := fstest.MapFS{"ci/magefiles/targets/targets.go": {Data: []byte("package targets\n")}}
	for path, content := range files {
		tree[path] = &fstest.MapFile{Data: []byte(content), Mode: 0o755}
	}
	return scaffold.Facts{Tree: tree, Survey: git.Survey{
		Root: "/work/" + name, Repository: "Acme/" + name, URL: "https://github.com/Acme/" + name,
		Branch: branches[0], Branches: branches, Files: slices.Sorted(maps.Keys(with(files, "ci"))),
	}}
}

// with adds the submodule, which git lists like a file.
func with(files map[string]string, submodule string) map[string]string {
	all := maps.Clone(files)
	all[submodule] = ""
	return all
}

const boot = "plugins { id 'org.springframework.boot' }\n"

// layouts are the repositories that init was made for.
func layouts() map[string]scaffold.Facts {
	node := "FROM node AS build\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\nFROM nginx\nCOPY --from=build /app/dist /srv\n"
	jar := "FROM temurin\nARG JAR_FILE=build/libs/*.jar\nCOPY ${JAR_FILE} /app.jar\n"
	return map[string]scaffold.Facts{
		"brief": repository("Backend", map[string]string{
			"gradlew": "", "settings.gradle": "", "build.gradle": boot, "README.md": "",
			"docker/core/Dockerfile": "FROM temurin\nCOPY build/libs/core.jar /\n", "docker/batch/Dockerfile": "FROM temurin\nCOPY build/libs/batch.jar /\n",
		}, "stabilize/1.0"),
		"modules": repository("astrago-backend", map[string]string{
			"gradlew": "", "gradle/wrapper/gradle-wrapper.properties": "", "settings.gradle.kts": "", "docs/a.md": "", "common/build.gradle": "",
			"server-core/build.gradle": boot + "dependencies { implementation project(':server-api') }", "server-core/Dockerfile": jar, "server-core/src/A.java": "",
			"server-batch/build.gradle": boot, "server-batch/Dockerfile": jar,
			"server-api/build.gradle": boot, "server-api/Dockerfile": jar,
		}, "stabilize/1.0", "develop", "main"),
		"accessors": repository("shop", map[string]string{
			"settings.gradle.kts": "", "core/build.gradle.kts": boot + "dependencies { implementation(projects.common) }", "core/Dockerfile": jar,
		}, "main"),
		"maven":    repository("shop", map[string]string{"pom.xml": "", "mvnw": "", "Dockerfile": "FROM temurin\nCOPY target/shop.jar /\n"}, "main"),
		"node":     repository("Shop.Web", map[string]string{"package.json": "{}", "Dockerfile": node, "node_modules/x/Dockerfile": "FROM x\n"}, "release/1.0", "release/1.1"),
		"monorepo": repository("mono", map[string]string{"services/api/Dockerfile": "FROM x\nCOPY . .\n", "services/api/go.mod": "", "web.Dockerfile": "FROM x\nCOPY web /web\n", "web/a": "", "vendor/v/Dockerfile": "FROM x\n", "tools/api/Dockerfile": "FROM x\n"}, "main"),
		"none":     repository("empty", map[string]string{"README.md": ""}, "feature/x"),
		"hints": repository("backend", map[string]string{
			"core/Dockerfile": "FROM x\n", ".github/workflows/deploy.yml": "jobs:\n  d:\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          repository: acme/deployment\n          path: deploy\n" +
				"      - run: |\n          yq -i '.astrago.core.imageTag = strenv(TAG)' deploy/helmfile/xiilab/values.yaml\n",
		}, "stabilize/1.0"),
	}
}

// TestConfigurations holds what init writes against golden files; each parses but for what a person has to fill in.
func TestConfigurations(t *testing.T) {
	for name, facts := range layouts() {
		layout, err := scaffold.Detect(facts, "")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := layout.Configuration()
		golden := filepath.Join("testdata", name+".yaml")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || string(want) != got {
			t.Errorf("%s: %v, got\n%s", name, err, got)
		}
		filled := strings.NewReplacer("<the deployment repository, owner/name>", "acme/deployment", "<the path of its values file>", "values.yaml",
			"<the path of a Dockerfile>", "Dockerfile").Replace(got)
		if _, err := config.Parse(golden, []byte(filled)); err != nil {
			t.Errorf("%s does not parse when it is filled in: %v", name, err)
		}
		if _, err := config.Parse(golden, []byte(got)); (err != nil) != (filled != got) {
			t.Errorf("%s as it is written: %v", name, err)
		} else if p := problem.As(err); p != nil && !strings.Contains(err.Error(), "still to be filled in") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDetectKinds(t *testing.T) {
	for name, want := range map[string]scaffold.Kind{"brief": scaffold.Backend, "maven": scaffold.Backend, "node": scaffold.Frontend, "none": scaffold.Generic} {
		if layout, err := scaffold.Detect(layouts()[name], ""); err != nil || layout.Kind != want {
			t.Errorf("%s is a %q, %v", name, layout.Kind, err)
		}
	}
	if layout, err := scaffold.Detect(layouts()["node"], scaffold.Backend); err != nil || layout.Kind != scaffold.Backend {
		t.Errorf("-kind=backend gives %q, %v", layout.Kind, err)
	}
	if _, err := scaffold.Detect(layouts()["node"], "desktop"); problem.As(err) == nil || problem.As(err).ExitStatus() != problem.Usage {
		t.Errorf("an unknown kind: %v", err)
	}
	bare := layouts()["node"]
	bare.Tree = fstest.MapFS{}
	if _, err := scaffold.Detect(bare, ""); err == nil || !strings.Contains(problem.As(err).Remedy, "git submodule add") {
		t.Errorf("without the submodule: %v", err)
	}
}

// TestDetectRunsWrappersThatAreNotExecutable has one that was committed on Windows.
func TestDetectRunsWrappersThatAreNotExecutable(t *testing.T) {
	facts := layouts()["brief"]
	facts.Tree.(fstest.MapFS)["gradlew"].Mode = 0o644
	if layout, err := scaffold.Detect(facts, ""); err != nil || !slices.Equal(layout.Prepare, []string{"sh ./gradlew bootJar --no-daemon --parallel"}) {
		t.Errorf("got %q, %v", layout.Prepare, err)
	}
}

func TestDetectWithoutAForge(t *testing.T) {
	facts := layouts()["node"]
	facts.Repository, facts.URL, facts.Root, facts.Branch, facts.Branches = "", "", "/work/My Shop", "", nil
	layout, err := scaffold.Detect(facts, "")
	if err != nil || layout.Service != "my-shop" || !strings.HasPrefix(layout.Image, "<") || layout.Environments[0].Branches[0] != "main" {
		t.Errorf("got %+v, %v", layout, err)
	}
}
