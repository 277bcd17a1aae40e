package scaffold

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Archives is a build tool whose archives differ from run to run, although their contents do not: entries have the time of
// the build. An image of such a jar is built and deployed again with every commit.
type Archives struct {
	Tool   string // gradle or maven
	Script string // the build file of the root, where the setting belongs; empty where the repository has none
	Remedy string // what to write there, one thing a line
}

// Settings that make archives of equal contents equal, byte for byte. Gradle has them by default since version 9.
const (
	groovySetting = "tasks.withType(AbstractArchiveTask).configureEach {\n" +
		"    preserveFileTimestamps = false\n    reproducibleFileOrder = true\n}"
	kotlinSetting = "tasks.withType<AbstractArchiveTask>().configureEach {\n" +
		"    isPreserveFileTimestamps = false\n    isReproducibleFileOrder = true\n}"
	mavenSetting = "<project.build.outputTimestamp>1980-01-01T00:00:02Z</project.build.outputTimestamp>"
)

// Versions of Gradle: the first one with the settings by default, and the first one with tasks that are configured lazily.
const (
	reproducibleGradle = 9
	lazyGradle         = 5
)

var (
	gradleVersion  = regexp.MustCompile(`distributionUrl\s*=.*gradle-(\d+)[^/]*\.zip`)
	gradleArchives = regexp.MustCompile(`(?i)preserveFileTimestamps`)
	mavenArchives  = regexp.MustCompile(`project\.build\.outputTimestamp`)
)

// VaryingArchives returns the build tools that `prepare` runs for the layout and whose archives differ from run to run.
func (f Facts) VaryingArchives(l Layout) []Archives {
	var all []Archives
	runs := func(words ...string) bool {
		return slices.ContainsFunc(l.Prepare, func(command string) bool {
			return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(command, word) })
		})
	}
	if runs("gradle") && gradleMajor(f) < reproducibleGradle && !mentionsIn(f, gradleArchives, gradleScripts(f)) {
		all = append(all, gradleArchivesOf(f))
	}
	if runs("mvn") && !mentionsIn(f, mavenArchives, manifestsOf(f, "maven")) {
		a := Archives{Tool: "maven", Remedy: mavenSetting + " among the <properties>"}
		if f.hasFile("pom.xml") {
			a.Script = "pom.xml"
		}
		all = append(all, a)
	}
	return all
}

func gradleArchivesOf(f Facts) Archives {
	switch {
	case f.hasFile("build.gradle.kts"):
		return Archives{Tool: "gradle", Script: "build.gradle.kts", Remedy: kotlinSetting}
	case f.hasFile("build.gradle"):
		return Archives{Tool: "gradle", Script: "build.gradle", Remedy: groovySetting}
	}
	return Archives{Tool: "gradle", Remedy: groovySetting}
}

// gradleMajor is the version that the wrapper downloads, 0 where nothing tells it.
func gradleMajor(f Facts) int {
	match := gradleVersion.FindStringSubmatch(f.readFile("gradle/wrapper/gradle-wrapper.properties"))
	if match == nil {
		return 0
	}
	major, err := strconv.Atoi(match[1])
	if err != nil {
		return 0
	}
	return major
}

// gradleScripts are the build files of Gradle, with the sources of plugins that the repository has for itself.
func gradleScripts(f Facts) []string {
	return append(gradleFiles(f), slices.DeleteFunc(f.ownFiles(), func(name string) bool {
		return !strings.HasSuffix(name, ".kt") && !strings.HasSuffix(name, ".groovy")
	})...)
}

func mentionsIn(f Facts, setting *regexp.Regexp, files []string) bool {
	return slices.ContainsFunc(files, func(name string) bool { return setting.MatchString(f.readFile(name)) })
}

// reproducibleArchives returns the root's build files with the settings, where they can be added for certain.
func reproducibleArchives(f Facts, l Layout) []File {
	var files []File
	for _, a := range f.VaryingArchives(l) {
		text, ok := f.readFile(a.Script), false
		switch {
		case a.Script == "":
			continue
		case a.Tool == "maven":
			text, ok = withProperty(text, mavenSetting)
		case gradleMajor(f) == 0 || gradleMajor(f) >= lazyGradle:
			text, ok = withBlock(text, a.Remedy), true
		}
		if ok {
			files = append(files, addedFile(f, a.Script, text))
		}
	}
	return files
}

// withBlock appends a setting for all modules to a build file of Gradle, with the line ends that it has.
func withBlock(text, setting string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	block := "\n// The same classes give the same archives, so that their images are not built again.\nallprojects {\n    " +
		strings.ReplaceAll(setting, "\n", "\n    ") + "\n}\n"
	return text + withEnds(text, block)
}
