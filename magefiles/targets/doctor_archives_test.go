package targets_test

import (
	"strings"
	"testing"
)

// TestDoctorTellsOfArchivesThatVary by the build files: it runs nothing.
func TestDoctorTellsOfArchivesThatVary(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	plain := readFile(t, a.dir+"/astrago.yaml")
	wrapper := func(version string) string {
		return "distributionUrl=https\\://services.gradle.org/distributions/gradle-" + version + "-bin.zip\n"
	}
	const gradle = "./gradlew bootJar"
	const lasting = "tasks.withType(AbstractArchiveTask).configureEach { preserveFileTimestamps = false; reproducibleFileOrder = true }\n"
	for _, test := range []struct {
		what, prepare string
		files         map[string]string
		status        string
		words         []string
	}{
		{"nothing prepared", "", nil, "skipped", nil},
		{"another tool", "make", nil, "ok", nil},
		{"gradle 8", gradle, map[string]string{"build.gradle": "", "gradle/wrapper/gradle-wrapper.properties": wrapper("8.14")}, "warn", []string{
			"gradle makes other archives of the same sources", "build.gradle: tasks.withType(AbstractArchiveTask)", "preserveFileTimestamps = false",
		}},
		{"gradle 8 with the setting", gradle, map[string]string{"build.gradle": lasting}, "ok", nil},
		{"gradle 9", gradle, map[string]string{"build.gradle": "", "gradle/wrapper/gradle-wrapper.properties": wrapper("9.0.0")}, "ok", nil},
		{"maven", "mvn -B package", map[string]string{"pom.xml": "<project/>"}, "warn", []string{
			"maven makes", "pom.xml: <project.build.outputTimestamp>",
		}},
		{"both", gradle + " && mvn package", map[string]string{"gradle/wrapper/gradle-wrapper.properties": wrapper("7.6")}, "warn", []string{
			"gradle, maven", "build.gradle: ",
		}},
		{"maven with the setting", "mvn package", map[string]string{
			"pom.xml": "<project><properties><project.build.outputTimestamp>1</project.build.outputTimestamp></properties></project>",
		}, "ok", nil},
	} {
		t.Run(test.what, func(t *testing.T) {
			text := plain
			if test.prepare != "" {
				text = strings.Replace(plain, "components:", "prepare: '"+test.prepare+"'\ncomponents:", 1)
			}
			a.write("astrago.yaml", text)
			for path, content := range test.files {
				a.write(path, content)
			}
			a.git("add", ".")
			d := a.doctor()
			if !d.Healthy {
				t.Errorf("a warning is a failure: %+v", d)
			}
			a.wants(d, "archives", test.status, test.words...)
		})
	}
}
