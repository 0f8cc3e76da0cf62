package rows_test

import (
	"fmt"
	"testing"

	"flightpoll/detectors/scripts/rows"
	"flightpoll/detectors/source"
)

// TestIn reads one line of each mapper.
func TestIn(t *testing.T) {
	kinds := map[rows.Kind]string{rows.Insert: "insert", rows.Update: "update", rows.Delete: "delete"}
	for _, c := range []struct{ file, code, want string }{
		{"a.ts", `await prisma.licence.updateMany({ data: { state: 'x' } });`, "update licence whole"},
		{"a.ts", `await prisma.licence.updateMany({ where: { endsOn: { lt: now } }, data: { state: 'x' } });`, "update licence"},
		{"a.ts", `await prisma.price.updateMany({ where: { region: 'n' }, data: { cents: { multiply: 2 } } });`, "update price self=cents"},
		{"a.ts", `await prisma.price.updateMany({ where: { raised: false }, data: { cents: { multiply: 2 }, raised: true } });`, "update price self=cents marked"},
		{"a.ts", `await prisma.pointEntry.create({ data: { a: 1 } });`, "insert pointEntry"},
		{"a.ts", `await prisma.pointEntry.createMany({ data: list, skipDuplicates: true });`, "insert pointEntry guarded"},
		{"a.js", `await Licence.updateMany({}, { $set: { state: 'x' } });`, "update Licence whole"},
		{"a.js", `await Licence.updateMany({ a: 1 }, { $set: { state: 'x' } });`, "update Licence"},
		{"a.js", `await client.db().collection('prices').updateMany({ region: 'n' }, { $mul: { cents: 2 } });`, "update prices self=cents"},
		{"a.js", `await Licence.update({ state: 'x' }, { where: {} });`, "update Licence whole"},
		{"a.js", `await Licence.update({ state: 'x' }, { where: { id } });`, "update Licence"},
		{"a.js", `await Licence.destroy({ where: {}, truncate: true });`, "delete Licence whole"},
		{"a.js", `await knex('sessions').del();`, "delete sessions whole"},
		{"a.js", `await knex('sessions').where('a', '<', 1).del();`, "delete sessions"},
		{"a.ts", `await db.update(licences).set({ state: 'x' });`, "update licences whole"},
		{"a.ts", `await db.update(licences).set({ state: 'x' }).where(lt(licences.endsOn, now));`, "update licences"},
		{"a.ts", `await dataSource.createQueryBuilder().update(Licence).set({ state: 'x' }).execute();`, "update Licence whole"},
		{"a.ts", `await dataSource.createQueryBuilder().delete().from(Licence).execute();`, "delete Licence whole"},
		{"a.ts", `await supabase.from('licences').update({ state: 'x' }).eq('id', id);`, "update licences"},
		{"a.ts", `await db.updateTable('licences').set({ state: 'x' }).execute();`, "update licences whole"},
		{"a.ts", `cache.delete(key);`, ""},
		{"a.ts", `items.add(thing);`, ""},
		{"a.py", `Licence.objects.update(state="x")`, "update Licence whole"},
		{"a.py", `Licence.objects.all().update(state="x")`, "update Licence whole"},
		{"a.py", `Licence.objects.filter(a=1).update(cents=F("cents") * 2)`, "update Licence self=cents"},
		{"a.py", `PointEntry.objects.create(points=3)`, "insert PointEntry"},
		{"a.py", `PointEntry.objects.bulk_create(rows, ignore_conflicts=True)`, "insert PointEntry guarded"},
		{"a.py", `session.query(Licence).update({"state": "x"})`, "update Licence whole"},
		{"a.py", `session.query(Licence).filter_by(a=1).delete()`, "delete Licence"},
		{"a.py", "from sqlalchemy import update\nsession.execute(update(Licence).values(state='x'))", "update Licence whole"},
		{"a.py", "from sqlalchemy import update\nsession.execute(update(Licence).where(Licence.a < 1).values(state='x'))", "update Licence"},
		{"a.py", `session.add(PointEntry(points=3))`, "insert PointEntry"},
		{"a.py", "entry = PointEntry(points=3)\nsession.add(entry)", "insert PointEntry"},
		{"a.py", `seen.add(name)`, ""},
		{"a.rb", `Licence.update_all(state: "x")`, "update Licence whole"},
		{"a.rb", `Licence.expired.update_all(state: "x")`, "update Licence"},
		{"a.rb", `Price.where(a: 1).update_all("cents = cents * 2")`, "update Price self=cents"},
		{"a.rb", `guest.point_entries.create!(points: 3)`, "insert point_entries"},
		{"a.php", `<?php Licence::query()->update(['state' => 'x']);`, "update Licence whole"},
		{"a.php", `<?php Licence::query()->where('a', 1)->update(['state' => 'x']);`, "update Licence"},
		{"a.php", `<?php DB::table('prices')->where('r', 1)->update(['cents' => DB::raw('cents * 2')]);`, "update prices self=cents"},
		{"a.php", `<?php PointEntry::create(['points' => 3]);`, "insert PointEntry"},
		{"a.go", "package a\nfunc f() { db.WithContext(ctx).Session(&gorm.Session{AllowGlobalUpdate: true}).Model(&model.Licence{}).Update(\"state\", \"x\") }", "update Licence whole"},
		{"a.go", "package a\nfunc f() { db.Model(&model.Licence{}).Where(\"a < ?\", 1).Update(\"state\", \"x\") }", "update Licence"},
		{"a.go", "package a\nfunc f() { db.Create(&model.PointEntry{GuestID: 1}) }", "insert PointEntry"},
		{"a.go", "package a\nfunc f() { client.Licence.Update().SetState(\"x\").Save(ctx) }", "update Licence whole"},
		{"a.go", "package a\nfunc f() { coll.UpdateMany(ctx, bson.M{}, u) }", "update coll whole"},
		{"A.java", `class A { void f() { entries.save(new PointEntry(1)); } }`, "insert PointEntry"},
		{"A.java", `class A { void f() { licenceRepository.deleteAll(); } }`, "delete licenceRepository whole"},
		{"A.cs", `class A { async Task F() { await db.Licences.ExecuteUpdateAsync(s => s.SetProperty(l => l.State, "x")); } }`, "update Licences whole"},
		{"A.cs", `class A { async Task F() { await db.Licences.Where(l => l.A < 1).ExecuteUpdateAsync(s => s.SetProperty(l => l.State, "x")); } }`, "update Licences"},
		{"A.cs", `class A { void F() { db.PointEntries.Add(new PointEntry { A = 1 }); } }`, "insert PointEntry"},
		{"A.cs", `class A { void F() { list.Add(new PointEntry { A = 1 }); } }`, ""},
		{"a.rs", `fn f() { diesel::update(licences::table).set(state.eq("x")).execute(conn); }`, "update licences whole"},
		{"a.rs", `fn f() { diesel::update(licences.filter(a.lt(1))).set(state.eq("x")).execute(conn); }`, "update licences"},
	} {
		f, err := source.Parse(c.file, []byte(c.code))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, w := range rows.In(f) {
			got += fmt.Sprintf("%s %s", kinds[w.Do], w.Target)
			if w.Whole {
				got += " whole"
			}
			if w.Self != "" {
				got += " self=" + w.Self
			}
			if w.Marked {
				got += " marked"
			}
			if w.Guarded {
				got += " guarded"
			}
		}
		if got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.code, got, c.want)
		}
	}
}
