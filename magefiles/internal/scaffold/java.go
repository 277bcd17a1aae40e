package scaffold

import (
	"cmp"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// usualJava is a release with long-term support that most applications are compiled with.
const usualJava = "21"

// javaPins are the files of version managers: jenv, asdf and SDKMAN.
var javaPins = []struct {
	file    string
	version *regexp.Regexp
}{
	{".java-version", regexp.MustCompile(`^\s*(?:[a-z][a-z0-9_]*-)*(\d+(?:\.\d+)?)`)},
	{".tool-versions", regexp.MustCompile(`(?m)^java\s+(?:[a-z][a-z0-9_]*-)*(\d+(?:\.\d+)?)`)},
	{".sdkmanrc", regexp.MustCompile(`(?m)^\s*java\s*=\s*(\d+(?:\.\d+)?)`)},
}

// What builds say, the strictest first: Gradle takes a toolchain of exactly that version, while an older language level is
// compiled by any newer JDK.
var (
	gradleJava = []*regexp.Regexp{
		regexp.MustCompile(`JavaLanguageVersion\.of\(\s*["']?(\d+)|jvmToolchain\(\s*(\d+)`),
		regexp.MustCompile(`JavaVersion\.VERSION_(\d+(?:_\d+)?)|(?:source|target)Compatibility\s*=?\s*["']?(\d+(?:\.\d+)?)` +
			`|options\.release(?:\.set\(|\s*=)\s*(\d+)`),
		regexp.MustCompile(`(?mi)^\s*(?:java|jdk)(?:[-_.]?(?:language|toolchain|target))?(?:[-_.]?version)?` +
			`\s*=\s*["']?(\d+(?:\.\d+)?)["']?\s*$`),
	}
	mavenJava = []*regexp.Regexp{
		regexp.MustCompile(`<(?:maven\.compiler\.)?(?:release|target|source)>\s*(\d+(?:\.\d+)?)\s*<|<java\.version>\s*(\d+(?:\.\d+)?)\s*<`),
	}
	javaComment = regexp.MustCompile(`(?m)^\s*(?://|#).*$`)
)

// javaRuntime is the JDK for a build tool: what a version manager pins, else the newest that its builds ask for.
func javaRuntime(f Facts, tool string) Runtime {
	runtime := Runtime{Used: true, Version: usualJava, Manager: tool}
	for _, pin := range javaPins {
		if match := pin.version.FindStringSubmatch(f.readFile(pin.file)); match != nil {
			runtime.Version, runtime.Found = javaMajor(match[1]), pin.file
			return runtime
		}
	}
	files, expressions := manifestsOf(f, tool), mavenJava
	if tool == "gradle" {
		files, expressions = append(gradleFiles(f), f.filesNamed("gradle.properties")...), gradleJava
	}
	for _, expression := range expressions {
		newest := 0
		for _, file := range files {
			for _, match := range expression.FindAllStringSubmatch(javaComment.ReplaceAllString(f.readFile(file), ""), -1) {
				version, err := strconv.Atoi(javaMajor(cmp.Or(match[1:]...)))
				if err == nil && version > newest {
					newest, runtime.Version, runtime.Found = version, strconv.Itoa(version), file
				}
			}
		}
		if newest > 0 {
			return runtime
		}
	}
	return runtime
}

// javaMajor is the number that a release has today: 1.8 and 1_8 are 8.
func javaMajor(version string) string {
	major, rest, _ := strings.Cut(strings.ReplaceAll(version, "_", "."), ".")
	if major == "1" && rest != "" {
		return rest
	}
	return major
}

// manifestsOf are the build files of a tool.
func manifestsOf(f Facts, tool string) []string { return f.filesNamed(buildTools[tool].manifests...) }

// filesNamed are the application's files of these names, wherever they are.
func (f Facts) filesNamed(names ...string) []string {
	var found []string
	for _, file := range f.ownFiles() {
		for _, name := range names {
			if path.Base(file) == name {
				found = append(found, file)
			}
		}
	}
	return found
}
