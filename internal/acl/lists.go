package acl

// pipeClient are the rights of whoever may talk over a pipe. Append is not among
// them: with it a client could make another instance of the pipe and answer other
// clients there. Windows leaves that bit out of what a connecting client must have,
// so that clients which ask for "read and write" get in all the same.
const pipeClient = "0x12019b"

// Rights of the service in its own directories.
const (
	lookInto = "0x1200a9" // list, read
	workIn   = "0x1301bf" // that, and make, write and delete
)

// heirs makes an entry count for everything below a directory, too.
const heirs = "OICI"

// Pipe is the list of a pipe: system, administrators and the service may do
// everything, the groups may connect. Nobody is denied for coming over the network:
// the pipe itself turns callers from other machines away, whatever their rights,
// and an administrator's remote session on this machine is of that kind.
func Pipe(groups ...string) string {
	list := "D:P" + masters("") + allow("", "GA", ServiceSID(Service))
	for _, g := range groups {
		list += allow("", pipeClient, g)
	}
	return list
}

// AdminPipe is the list of the administrators' pipe.
func AdminPipe() string { return Pipe() }

// ConfigDir is the list of the directory of the configuration: every user may read
// it, as commands and the window ask it where the daemon answers; only system and
// administrators may change it.
func ConfigDir() string {
	return owned + masters(heirs) + allow(heirs, lookInto, ServiceSID(Service)) + allow(heirs, lookInto, Users)
}

// KeyDir is the list of the directory of the keys: the service reads, other users
// see nothing.
func KeyDir() string { return owned + masters(heirs) + allow(heirs, lookInto, ServiceSID(Service)) }

// WorkDir is the list of the directories that the service writes: journal and logs.
// Other users see nothing.
func WorkDir() string { return owned + masters(heirs) + allow(heirs, workIn, ServiceSID(Service)) }

// KeyFile is the list of a key file: that of KeyDir, and whoever made the file, who
// owns it anyway.
func KeyFile(maker string) string {
	list := "D:P" + masters("") + allow("", "FR", ServiceSID(Service))
	if maker != System && maker != Administrators && maker != ServiceSID(Service) {
		list += allow("", "FA", maker)
	}
	return list
}

// owned begins the list of a directory: it belongs to the administrators, and what
// the directory above would hand down does not count, as %ProgramData% lets every
// user make files.
const owned = "O:BAD:PAI"

func masters(flags string) string { return allow(flags, "FA", "SY") + allow(flags, "FA", "BA") }

func allow(flags, rights, sid string) string { return "(A;" + flags + ";" + rights + ";;;" + sid + ")" }
