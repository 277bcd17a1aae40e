package daemon

// RootlesskitVersion is the version that is compiled.
const RootlesskitVersion = rootlesskitVersion

// What tests need of registries' settings.
var (
	RegistriesSum = registriesSum
	InContainer   = inContainer
	ArchiveOf     = archiveOf
	WithoutPairs  = withoutPairs
)
