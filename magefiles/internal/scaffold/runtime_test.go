package scaffold_test

import (
	"maps"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// jarImage copies what Gradle has made.
const jarImage = "FROM temurin\nARG JAR_FILE=build/libs/*.jar\nCOPY ${JAR_FILE} /app.jar\n"

// TestJavaIsWhatTheRepositorySays looks where JDKs are pinned, in the order of how strict that is.
func TestJavaIsWhatTheRepositorySays(t *testing.T) {
	gradle := map[string]string{"build.gradle": boot, "Dockerfile": jarImage}
	maven := map[string]string{"pom.xml": "", "Dockerfile": "FROM temurin\nCOPY target/shop.jar /\n"}
	for name, test := range map[string]struct {
		base, files           map[string]string
		version, tool, source string
	}{
		"nothing":       {gradle, nil, "21", "gradle", ""},
		"jenv":          {gradle, map[string]string{".java-version": "temurin-17.0.2\n", "build.gradle": "jvmToolchain(11)"}, "17", "gradle", ".java-version"},
		"asdf":          {gradle, map[string]string{".tool-versions": "nodejs 20.1.0\njava temurin-jre-11.0.16+8\n"}, "11", "gradle", ".tool-versions"},
		"sdkman":        {maven, map[string]string{".sdkmanrc": "# pinned\njava=21.0.2-tem\n"}, "21", "maven", ".sdkmanrc"},
		"toolchain":     {gradle, map[string]string{"build.gradle": "sourceCompatibility = '11'\njava { toolchain { languageVersion = JavaLanguageVersion.of(17) } }\n"}, "17", "gradle", "build.gradle"},
		"kotlin":        {gradle, map[string]string{"app/build.gradle.kts": "kotlin { jvmToolchain(25) }"}, "25", "gradle", "app/build.gradle.kts"},
		"compatibility": {gradle, map[string]string{"build.gradle": "// sourceCompatibility = '21'\nsourceCompatibility = '1.8'", "app/build.gradle": "sourceCompatibility = JavaVersion.VERSION_17"}, "17", "gradle", "app/build.gradle"},
		"old":           {gradle, map[string]string{"build.gradle": "targetCompatibility JavaVersion.VERSION_1_8"}, "8", "gradle", "build.gradle"},
		"property":      {gradle, map[string]string{"gradle.properties": "javaVersion=17\n"}, "17", "gradle", "gradle.properties"},
		"catalogue":     {gradle, map[string]string{"gradle/libs.versions.toml": "[versions]\njava = \"17\"\n"}, "17", "gradle", "gradle/libs.versions.toml"},
		"release":       {maven, map[string]string{"pom.xml": "<maven.compiler.release>17</maven.compiler.release>"}, "17", "maven", "pom.xml"},
		"spring boot":   {maven, map[string]string{"pom.xml": "<java.version>1.8</java.version><artifactId>x</artifactId>"}, "8", "maven", "pom.xml"},
	} {
		files := maps.Clone(test.base)
		maps.Copy(files, test.files)
		layout, err := scaffold.Detect(repository("shop", files, "main"), "")
		want := scaffold.Runtime{Used: true, Version: test.version, Manager: test.tool, Found: test.source}
		if err != nil || layout.Java != want || layout.Node.Used {
			t.Errorf("%s: %+v, want %+v, %v", name, layout.Java, want, err)
		}
	}
}

// TestNodeIsWhatTheRepositorySays wants what prepare runs, too, where a Dockerfile copies what only a build makes.
func TestNodeIsWhatTheRepositorySays(t *testing.T) {
	const build = `{"scripts":{"build":"vite build"}`
	for name, test := range map[string]struct {
		files                    map[string]string
		version, manager, source string
		prepare                  string
	}{
		"npm":     {map[string]string{".nvmrc": "v20.11.0\n", "package-lock.json": ""}, "20.11.0", "npm", ".nvmrc", "npm ci; npm run build"},
		"alias":   {map[string]string{".nvmrc": "# ours\nlts/iron\n"}, "lts/iron", "npm", ".nvmrc", "npm install; npm run build"},
		"nodenv":  {map[string]string{".node-version": "18\n", "yarn.lock": ""}, "18", "yarn", ".node-version", "yarn install --frozen-lockfile; yarn run build"},
		"asdf":    {map[string]string{".tool-versions": "java 21\nnodejs 22.1.0\n", "yarn.lock": "", ".yarnrc.yml": ""}, "22.1.0", "yarn", ".tool-versions", "yarn install --immutable; yarn run build"},
		"engines": {map[string]string{"package.json": build + `,"engines":{"node":">=18 <21"}}`, "pnpm-lock.yaml": ""}, ">=18 <21", "pnpm", "package.json", "pnpm install --frozen-lockfile; pnpm run build"},
		"volta":   {map[string]string{"package.json": build + `,"volta":{"node":"20.9.0"},"engines":{"node":"18"},"packageManager":"pnpm@9.1.0"}`, "package-lock.json": ""}, "20.9.0", "pnpm", "package.json", "pnpm install --frozen-lockfile; pnpm run build"},
		"nothing": {nil, "22", "npm", "", "npm install; npm run build"},
		"below":   {map[string]string{"package.json": "{}", "Dockerfile": "FROM nginx\nCOPY web/dist /srv\n", "web/package.json": build + "}", "web/package-lock.json": "", ".nvmrc": "20"}, "20", "npm", ".nvmrc", "npm --prefix web ci; npm --prefix web run build"},
	} {
		files := map[string]string{"package.json": build + "}", "Dockerfile": "FROM nginx\nCOPY dist/ /srv\n"}
		maps.Copy(files, test.files)
		layout, err := scaffold.Detect(repository("shop", files, "main"), "")
		want := scaffold.Runtime{Used: true, Version: test.version, Manager: test.manager, Found: test.source}
		if err != nil || layout.Node != want || layout.Java.Used || strings.Join(layout.Prepare, "; ") != test.prepare {
			t.Errorf("%s: %+v, want %+v, %q, %v", name, layout.Node, want, layout.Prepare, err)
		}
	}
	for name, files := range map[string]map[string]string{
		"in git":   {"package.json": build + "}", "Dockerfile": "FROM nginx\nCOPY dist/ /srv\n", "dist/index.html": ""},
		"no build": {"package.json": "{}", "Dockerfile": "FROM nginx\nCOPY dist/ /srv\n"},
		"image":    {"package.json": build + "}", "Dockerfile": "FROM node\nCOPY . .\nRUN npm ci && npm run build\n"},
	} {
		if layout, err := scaffold.Detect(repository("shop", files, "main"), ""); err != nil || layout.Node.Used || layout.Prepare != nil {
			t.Errorf("%s: %q, %v", name, layout.Prepare, err)
		}
	}
}

// TestWorkflowsSetUpWhatPrepareRunsOn writes what was found into the workflow of every kind, and nothing that is not needed.
func TestWorkflowsSetUpWhatPrepareRunsOn(t *testing.T) {
	maven := map[string]string{"pom.xml": "<java.version>17</java.version>", "Dockerfile": "FROM temurin\nCOPY target/shop.jar /\n"}
	both := map[string]string{
		"build.gradle": boot, "api/Dockerfile": "FROM x\nCOPY build/libs/a.jar /\n", "web/Dockerfile": "FROM nginx\nCOPY web/dist /srv\n",
		"web/package.json": `{"scripts":{"build":"vite"},"packageManager":"pnpm@9.1.0","engines":{"node":"20"}}`,
	}
	for name, test := range map[string]struct {
		kind  scaffold.Kind
		files map[string]string
		want  string
		once  bool
	}{
		"maven":    {"", maven, "      # path: ci          # where the submodule stands elsewhere\n      java-version: '17'  # for `prepare`, as in pom.xml\n      java-cache: maven\n    secrets:", true},
		"both":     {"", both, "      java-version: '21'  # for `prepare`, version not found\n      java-cache: gradle\n      node-version: '20'  # for `prepare`, as in web/package.json\n      package-manager: pnpm\n    secrets:", true},
		"frontend": {scaffold.Frontend, maven, "      java-version: '17'  # for `prepare`, as in pom.xml\n      java-cache: maven\n    secrets:", true},
		"generic":  {scaffold.Generic, maven, "      - uses: ./ci/.github/actions/setup\n        with:\n          java-version: '17'  # for `prepare`, as in pom.xml\n          java-cache: maven\n      -", false},
		"image":    {"", map[string]string{"pom.xml": "", "Dockerfile": "FROM maven\nCOPY . .\n"}, "      # java-version: '21'", true},
	} {
		files := drafted(t, repository("shop", test.files, "main"), test.kind)
		text := files[".github/workflows/release.yml"].Content
		var parsed map[string]any
		if err := yaml.Unmarshal([]byte(text), &parsed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(text, test.want) {
			t.Errorf("%s: no\n%s\nin\n%s", name, test.want, text)
		}
		if test.once && strings.Count(text, "java-version:") != 1 || !strings.Contains(test.want, "node") && strings.Contains(text, " node-version:") && !strings.Contains(text, "# node-version:") {
			t.Errorf("%s: too much in\n%s", name, text)
		}
	}
}
