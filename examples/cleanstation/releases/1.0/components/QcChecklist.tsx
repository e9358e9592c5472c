type Item = { id: string; section: string; itemDescription: string; isRequired: boolean };

export function QcChecklist({ name, items }: { name: string; items: Item[] }) {
  return (
    <fieldset>
      <legend>{name}</legend>
      {items.map((item) => (
        <label key={item.id}>
          <input type="checkbox" name={item.id} required={item.isRequired} /> {item.section}: {item.itemDescription}
        </label>
      ))}
    </fieldset>
  );
}
