package declared

import (
	"encoding/xml"
	"maps"
	"path"
	"regexp"
	"strings"
)

// pom holds the modules of a pom.xml and the programs that its build runs.
type pom struct {
	ArtifactID string     `xml:"artifactId"`
	Version    string     `xml:"version"`
	Parent     pomParent  `xml:"parent"`
	Properties properties `xml:"properties"`
	Modules    []string   `xml:"modules>module"`
	FinalName  string     `xml:"build>finalName"`
}

type pomParent struct {
	Version string `xml:"version"`
}

type properties struct {
	All []struct {
		XMLName xml.Name
		Value   string `xml:",chardata"`
	} `xml:",any"`
}

var (
	execution    = regexp.MustCompile(`(?s)<workingDirectory>([^<]*)</workingDirectory>\s*<arguments>(.*?)</arguments>`)
	execArgument = regexp.MustCompile(`<argument>([^<]*)</argument>`)
)

func (r Repository) pom(dir string) (pom, string) {
	content := r.read(path.Join(dir, "pom.xml"))
	var p pom
	if xml.Unmarshal([]byte(content), &p) != nil {
		return pom{}, ""
	}
	return p, content
}

// mavenBuilds are the images that exec-maven-plugin builds for each module of a project, with a command in the root's pom.xml.
func (r Repository) mavenBuilds() (all []Build) {
	root, content := r.pom(".")
	for _, match := range execution.FindAllStringSubmatchIndex(content, maxDepth) {
		directory, arguments := content[match[2]:match[3]], content[match[4]:match[5]]
		var words []string
		for _, argument := range execArgument.FindAllStringSubmatch(arguments, maxBuilds) {
			words = append(words, argument[1])
		}
		if len(words) < 2 || words[0] != "build" {
			continue
		}
		for _, module := range root.Modules[:min(len(root.Modules), maxBuilds)] {
			if dir, ok := within(module); ok {
				if b, ok := r.moduleBuild(root, dir, directory, words); ok {
					b.Place = Place{"pom.xml", strings.Count(content[:match[4]], "\n") + 1}
					all = append(all, b)
				}
			}
		}
	}
	return all
}

// moduleBuild is the build of one module, with its properties and those of the root.
func (r Repository) moduleBuild(root pom, dir, directory string, words []string) (Build, bool) {
	own, _ := r.pom(dir)
	if own.ArtifactID == "" {
		return Build{}, false
	}
	values := map[string]string{}
	for _, from := range []properties{root.Properties, own.Properties} {
		for _, property := range from.All {
			values[property.XMLName.Local] = strings.TrimSpace(property.Value)
		}
	}
	version := own.Version
	for _, inherited := range []string{own.Parent.Version, root.Version} {
		if version == "" {
			version = inherited
		}
	}
	maps.Copy(values, map[string]string{
		"basedir": dir, "project.basedir": dir, "project.build.directory": dir + "/target", "project.artifactId": own.ArtifactID,
		"project.version": version, "project.build.finalName": finalName(own, version),
	})
	expanded := make([]string, len(words))
	for i, word := range words {
		expanded[i] = expandMaven(word, values)
	}
	at, ok := r.mavenDirectory(expandMaven(directory, values))
	if !ok {
		return Build{}, false
	}
	return r.located(expanded[1:], at, own.ArtifactID)
}

// finalName returns the name of the module's archive. Its version is left to a pattern of COPY, so that the next one is found, too.
func finalName(own pom, version string) string {
	if own.FinalName != "" {
		return strings.ReplaceAll(own.FinalName, "${project.version}", version)
	}
	return own.ArtifactID + "-*"
}

// located reads a command whose Dockerfile is relative to one directory and whose context, by Maven's absolute paths, to the root.
func (r Repository) located(words []string, directory, name string) (Build, bool) {
	b, ok := dockerBuild(words, ".")
	if !ok {
		return b, false
	}
	b.Dockerfile, ok = within(directory, b.Dockerfile)
	b.Kind, b.Name = Script, name
	return b, ok
}

// mavenDirectory is a directory below the root.
func (r Repository) mavenDirectory(directory string) (string, bool) { return within(directory) }

var mavenReference = regexp.MustCompile(`\$\{([A-Za-z0-9_.-]+)\}`)

func expandMaven(text string, values map[string]string) string {
	for range 4 {
		text = mavenReference.ReplaceAllStringFunc(text, func(use string) string {
			if value, ok := values[mavenReference.FindStringSubmatch(use)[1]]; ok && len(text) < maxFile/16 {
				return value
			}
			return use
		})
	}
	return mavenReference.ReplaceAllString(text, unresolved)
}
