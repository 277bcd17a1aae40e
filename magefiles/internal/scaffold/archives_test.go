package scaffold_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// TestArchivesAreMadeReproducible adds the settings where a build lacks them, and changes no other byte of its files.
func TestArchivesAreMadeReproducible(t *testing.T) {
	const wrapper = "gradle/wrapper/gradle-wrapper.properties"
	url := func(version string) string {
		return "distributionUrl=https\\://services.gradle.org/distributions/gradle-" + version + "-bin.zip\n"
	}
	gradle := map[string]string{"build.gradle": boot, "settings.gradle": "", "Dockerfile": jarImage}
	maven := map[string]string{"pom.xml": "<project>\n  <version>1</version>\n</project>\n", "Dockerfile": "FROM temurin\nCOPY target/shop.jar /\n"}
	for name, test := range map[string]struct {
		base, files map[string]string
		script      string   // that gets lines; empty for none
		added       []string // in order
	}{
		"gradle":           {gradle, nil, "build.gradle", []string{"allprojects {", "preserveFileTimestamps = false", "reproducibleFileOrder = true"}},
		"gradle 8":         {gradle, map[string]string{wrapper: url("8.14")}, "build.gradle", []string{"preserveFileTimestamps = false"}},
		"gradle 9":         {gradle, map[string]string{wrapper: url("9.0.0")}, "", nil},
		"gradle 4":         {gradle, map[string]string{wrapper: url("4.6")}, "", nil},
		"windows":          {gradle, map[string]string{"build.gradle": boot + "\r\n"}, "build.gradle", []string{"preserveFileTimestamps = false\r\n"}},
		"set":              {gradle, map[string]string{"app/build.gradle": "bootJar { preserveFileTimestamps = false }"}, "", nil},
		"set by a plugin":  {gradle, map[string]string{"buildSrc/src/main/kotlin/a.kt": "isPreserveFileTimestamps = false"}, "", nil},
		"kotlin":           {gradle, map[string]string{"build.gradle.kts": boot}, "build.gradle.kts", []string{"isPreserveFileTimestamps = false", "isReproducibleFileOrder = true"}},
		"maven":            {maven, nil, "pom.xml", []string{"  <properties>\n    <project.build.outputTimestamp>1980", "\n  </properties>\n</project>"}},
		"maven properties": {maven, map[string]string{"pom.xml": "<project>\n\t<profiles><profile><properties/></profile></profiles>\n\t<properties>\n\t\t<a>1</a>\n\t</properties>\n</project>"}, "pom.xml", []string{"<properties>\n\t\t<project.build.outputTimestamp>", "\n\t\t<a>1</a>"}},
		"maven set":        {maven, map[string]string{"pom.xml": "<project><properties><project.build.outputTimestamp>1</project.build.outputTimestamp></properties></project>"}, "", nil},
		"no document":      {maven, map[string]string{"pom.xml": "<project/>"}, "", nil},
		"no prepare":       {map[string]string{"build.gradle": boot, "Dockerfile": "FROM gradle\nCOPY . .\n"}, nil, "", nil},
	} {
		files := maps.Clone(test.base)
		maps.Copy(files, test.files)
		drafted := draft(t, repository("shop", files, "main"), false)
		changed := ""
		for path, file := range drafted {
			if file.Action == scaffold.Change && path != ".gitignore" {
				changed = path
			}
		}
		if changed != test.script {
			t.Errorf("%s: %q is changed, want %q", name, changed, test.script)
			continue
		}
		if changed == "" {
			continue
		}
		file := drafted[changed]
		rest := file.Content
		for _, added := range test.added {
			_, after, found := strings.Cut(rest, added)
			if !found {
				t.Errorf("%s: no %q in\n%s", name, added, file.Content)
			}
			rest = after
		}
		if !subsequence(file.Old, file.Content) || strings.Contains(file.Old, "\r\n") != strings.Contains(file.Content, "\r\n") {
			t.Errorf("%s: other bytes are changed:\n%s", name, file.Content)
		}
	}
}

// subsequence reports whether text has every byte of part, in order.
func subsequence(part, text string) bool {
	i := 0
	for j := 0; i < len(part) && j < len(text); j++ {
		if part[i] == text[j] {
			i++
		}
	}
	return i == len(part)
}

// TestVaryingArchivesAreTold also where no file can be changed for certain.
func TestVaryingArchivesAreTold(t *testing.T) {
	facts := repository("shop", map[string]string{"settings.gradle": "include 'app'\n", "app/build.gradle": boot}, "main")
	all := facts.VaryingArchives(scaffold.Layout{Prepare: []string{"./gradlew bootJar"}})
	if len(all) != 1 || all[0].Tool != "gradle" || all[0].Script != "" || !strings.Contains(all[0].Remedy, "preserveFileTimestamps = false") {
		t.Errorf("got %+v", all)
	}
	if all := facts.VaryingArchives(scaffold.Layout{Prepare: []string{"make"}}); all != nil {
		t.Errorf("without Gradle: %+v", all)
	}
}
