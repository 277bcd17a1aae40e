package scaffold_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// TestInputsAreTheWholeTreeWhereTheyAreNotCertain lets core be compiled from api, which is an image itself, in every way that
// Gradle has: an image of core whose inputs leave api out would stay as it is when api changes.
func TestInputsAreTheWholeTreeWhereTheyAreNotCertain(t *testing.T) {
	for name, changed := range map[string]map[string]string{
		"root block":         {"build.gradle": "project(':core') {\n  dependencies { implementation project(':api') }\n}\n"},
		"all modules":        {"build.gradle": "subprojects { dependencies { implementation project(':api') } }\n"},
		"find":               {"core/build.gradle": boot + "dependencies { implementation findProject(':api') }"},
		"computed":           {"core/build.gradle": boot + "['a'].each { dependencies { implementation project(\":${it}pi\") } }"},
		"accessor":           {"core/build.gradle": boot + "dependencies { implementation(projects.api) }"},
		"sources":            {"core/build.gradle": boot + "sourceSets { main { java.srcDir '../api/src' } }"},
		"task":               {"core/build.gradle": boot + "bootJar { dependsOn ':api:jar' }"},
		"shared script":      {"gradle/common.gradle": "dependencies { implementation project(':api') }"},
		"plugin":             {"buildSrc/src/main/kotlin/Common.kt": "dependencies.add(\"implementation\", project(mapOf(\"path\" to \":api\")))"},
		"through a library":  {"core/build.gradle": boot + "dependencies { implementation project(':common') }", "common/build.gradle": "sourceSets { main { java.srcDir '../api/src' } }"},
		"from the other one": {"api/build.gradle": boot + "project(':core').dependencies.add('implementation', project)"},
		"moved":              {"settings.gradle": "include 'core', 'api'\nproject(':api').projectDir = file('api')\n"},
		"other build":        {"settings.gradle": "include 'core', 'api'\nincludeBuild 'api'\n"},
		"elsewhere":          {"core/build.gradle": boot + "dependencies { implementation project(':libs:gone') }"},
	} {
		if got := coreInputs(t, changed); got != nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestInputsLeaveOutWhatIsCertain keeps the other image's module out where only it speaks of this one, and keeps in what
// anybody may use.
func TestInputsLeaveOutWhatIsCertain(t *testing.T) {
	for name, test := range map[string]struct {
		changed map[string]string
		want    []string
	}{
		"plain":     {nil, []string{"build.gradle", "common", "core", "settings.gradle"}},
		"used":      {map[string]string{"core/build.gradle": boot + "dependencies { implementation project(path: ':api') }"}, []string{"api", "build.gradle", "common", "core", "settings.gradle"}},
		"versions":  {map[string]string{"core/build.gradle": boot + "dependencies { implementation \"org.x:y:$v\" }", "gradle/libs.versions.toml": "api = '1'"}, []string{"build.gradle", "common", "core", "gradle", "settings.gradle"}},
		"uses core": {map[string]string{"api/build.gradle": boot + "dependencies { implementation(project(':core')) { transitive = false } }"}, []string{"build.gradle", "common", "core", "settings.gradle"}},
		"docs":      {map[string]string{"docs/a.md": "", "core/build.gradle": boot + "bootJar { from '../docs' }"}, []string{"build.gradle", "common", "core", "docs", "settings.gradle"}},
	} {
		if got := coreInputs(t, test.changed); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// coreInputs are those of core, in a repository of two images and a library.
func coreInputs(t *testing.T, changed map[string]string) []string {
	t.Helper()
	files := map[string]string{
		"settings.gradle": "include 'core', 'api', 'common'\n", "build.gradle": "subprojects { repositories { mavenCentral() } }\n", "common/build.gradle": "",
		"core/build.gradle": boot, "core/Dockerfile": jarImage, "api/build.gradle": boot, "api/Dockerfile": jarImage, "docs/b.md": "",
	}
	maps.Copy(files, changed)
	layout, err := scaffold.Detect(repository("shop", files, "main"), "")
	if err != nil || len(layout.Components) != 2 || layout.Components[1].Name != "core" {
		t.Fatalf("got %+v, %v", layout, err)
	}
	return layout.Components[1].Inputs
}
